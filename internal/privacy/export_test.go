// SPDX-License-Identifier: Apache-2.0

package privacy_test

import "motcua/internal/refusal"

// key is the key of a refusal; the words of any other error.
func key(err error) string {
	if e := refusal.As(err); e != nil {
		return e.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
