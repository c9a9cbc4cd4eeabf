// SPDX-License-Identifier: Apache-2.0

package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/bits"
	"net/http"
	"strings"
	"time"
)

// Knocks are tries to sign in. They slow down who guesses, as Tries does, and say
// whose password is looked at first. What others guess does not shut out whose
// account it is: the browser of an earlier sign-in has tries of its own, and after
// a hundred guesses from everywhere each address still has two.
type Knocks struct{ Tries }

const knocksLeft = 2 // at an account that everybody guesses at, from one address

// Knock counts a try at a login from an address and, if the browser signed in
// before, a device. The lower the turn, the sooner it is to be looked at; not ok
// is not at all.
func (k *Knocks) Knock(login, from, device string, now time.Time) (turn int, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if own, _ := keysOf(login, "device\n"+device); device != "" && k.count(own, now) < tryLimit {
		k.add(own, now)
		return 0, true
	}
	one, all := keysOf(login, from)
	everywhere := k.count(all, now)
	if n := k.count(one, now); n >= tryLimit || everywhere >= tryOthers && n >= knocksLeft {
		return 0, false
	}
	k.add(one, now)
	k.add(all, now)
	_, address := keysOf("address\n"+from, "")
	_, around := keysOf("network\n"+network(from), "")
	turn = 1 + 4*bits.Len(uint(k.count(address, now))) + bits.Len(uint(k.count(around, now)/8))
	k.add(address, now)
	k.add(around, now)
	return turn, true
}

// Opened takes back the tries at a login: one was right.
func (k *Knocks) Opened(login, from, device string) {
	k.Right(login, from)
	k.mu.Lock()
	defer k.mu.Unlock()
	own, _ := keysOf(login, "device\n"+device)
	delete(k.made, own)
	for _, name := range []string{"address\n" + from, "network\n" + network(from)} {
		_, key := keysOf(name, "")
		if c, ok := k.made[key]; ok && c.n > 0 {
			c.n--
			k.made[key] = c
		}
	}
}

// network is what is around an address: who has many addresses has them there.
func network(address string) string { return Around(address, 24, 48) }

// deviceCookie proves that a browser signed in to an account before. It opens
// nothing.
const deviceCookie = "trinh-duyet"

const deviceFor = 365 * 24 * time.Hour

// Device is the name of this browser if it signed in with a login before; "" if
// it did not.
func (v *Visit) Device(login string) string {
	c, err := v.R.Cookie(cookieName(v.R, deviceCookie))
	if err != nil {
		return ""
	}
	name, proof, _ := strings.Cut(c.Value, ".")
	if len(name) != 22 || !hmac.Equal([]byte(proof), []byte(v.guard.device(login, name))) {
		return ""
	}
	return name
}

// KeepDevice lets the browser prove later that it signed in with a login.
func (v *Visit) KeepDevice(login string) {
	if v.Device(login) != "" {
		return
	}
	var b [16]byte
	rand.Read(b[:])
	name := base64.RawURLEncoding.EncodeToString(b[:])
	http.SetCookie(v.W, &http.Cookie{Name: cookieName(v.R, deviceCookie), Value: name + "." + v.guard.device(login, name), Path: "/", MaxAge: int(deviceFor.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Secure(v.R)})
}

func (g *Guard) device(login, name string) string {
	m := hmac.New(sha256.New, g.Key)
	m.Write([]byte("device\n" + strings.ToLower(login) + "\n" + name))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
