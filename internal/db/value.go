// SPDX-License-Identifier: Apache-2.0

package db

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/internal/refusal"
)

// plain brings an argument to what both databases know: nil, int64, string or
// []byte. Booleans become 0 and 1, instants milliseconds since 1970 (the zero
// instant 0), json.RawMessage text; types made of these are unwrapped.
func plain(arg any) (any, error) {
	switch v := arg.(type) {
	case nil, int64:
		return v, nil
	case string:
		return v, sound(v)
	case []byte:
		if v == nil {
			return nil, nil
		}
		return arg, nil
	case int:
		return int64(v), nil
	case bool:
		return number(v), nil
	case time.Time:
		return millis(v), nil
	case json.RawMessage:
		return string(v), nil
	}
	switch v := reflect.ValueOf(arg); v.Kind() {
	case reflect.String:
		return v.String(), sound(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint()), nil
	case reflect.Bool:
		return number(v.Bool()), nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return plain(v.Bytes())
		}
	}
	return nil, fmt.Errorf("argument of type %T", arg)
}

// sound refuses text that one of the databases would not take.
func sound(s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return refusal.New(refusal.Invalid, "request.characters")
	}
	return nil
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// column is one value of the current row. NULL is the zero value of whatever
// is asked for.
type column interface {
	text() (string, error)
	integer() (int64, error)
	bytes() ([]byte, error)
}

// scan stores c where dest points.
func scan(c column, dest any) (err error) {
	var n int64
	switch d := dest.(type) {
	case *string:
		*d, err = c.text()
	case *int64:
		*d, err = c.integer()
	case *int:
		n, err = c.integer()
		*d = int(n)
	case *bool:
		n, err = c.integer()
		*d = n != 0
	case *[]byte:
		*d, err = c.bytes()
	case *json.RawMessage:
		*d, err = c.bytes()
	case *time.Time:
		n, err = c.integer()
		*d = instant(n)
	default:
		return scanKind(c, dest)
	}
	return err
}

// scanKind is scan for types made of the plain ones, such as codes.
func scanKind(c column, dest any) error {
	p := reflect.ValueOf(dest)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("scan into %T", dest)
	}
	v := p.Elem()
	switch v.Kind() {
	case reflect.String:
		s, err := c.text()
		v.SetString(s)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := c.integer()
		if v.OverflowInt(n) {
			return fmt.Errorf("%d does not fit %T", n, dest)
		}
		v.SetInt(n)
		return err
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		n, err := c.integer()
		if n < 0 || v.OverflowUint(uint64(n)) {
			return fmt.Errorf("%d does not fit %T", n, dest)
		}
		v.SetUint(uint64(n))
		return err
	case reflect.Bool:
		n, err := c.integer()
		v.SetBool(n != 0)
		return err
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b, err := c.bytes()
			v.SetBytes(b)
			return err
		}
	}
	return fmt.Errorf("scan into %T", dest)
}
