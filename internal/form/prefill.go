// SPDX-License-Identifier: Apache-2.0

package form

// Prefill answers the questions that an account already knows, by prefill key.
// Choices are filled only if the value is one of theirs.
func Prefill(f *Form, known map[string]string) Answers {
	return prefill(f.all(), known)
}

func prefill(fields []Field, known map[string]string) map[string]any {
	answers := map[string]any{}
	for i := range fields {
		q := &fields[i]
		if q.Type == Group {
			if q.Repeat == nil {
				if g := prefill(q.Fields, known); len(g) > 0 {
					answers[q.ID] = g
				}
			}
			continue
		}
		v := known[q.Prefill]
		if q.Prefill == "" || v == "" || q.Type == Choice && !hasOption(q, v) {
			continue
		}
		answers[q.ID] = v
	}
	return answers
}
