// SPDX-License-Identifier: Apache-2.0

package api

import "net/http"

// told is a call of a gateway, in its own protocol, which says what became of payments:
// it proves by its signature who it is.
func (a *API) told(w http.ResponseWriter, r *http.Request) error {
	return a.Payments.Call(w, r, r.PathValue("way"))
}
