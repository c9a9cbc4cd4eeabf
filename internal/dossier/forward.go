// SPDX-License-Identifier: Apache-2.0

package dossier

import "motcua/internal/refusal"

// forward hands the papers to the competent agency: the same working day, or
// at the start of the next if received after 15:00 (NĐ 61/2018 art. 18). A
// dossier without paper is forwarded by the system itself.
func forward(d *desk) ([]Event, error) {
	if !d.Forward {
		return nil, refusal.New(refusal.NotNow, "dossier.act.not_now", "act", "forward", "step", d.stepName())
	}
	return []Event{Forwarded{To: d.Competent}}, nil
}
