// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"

	"motcua/internal/outgoing"
	"motcua/internal/payment"
	"motcua/internal/payment/sandbox"
)

// paying is by which ways people pay without cash.
type paying struct {
	Payments string `help:"Các cách thanh toán và đơn vị thu, tệp JSON. / Ways to pay and who collects, a JSON file." type:"existingfile" placeholder:"FILE"`

	gateways *http.Client // that gateways are called by; nil is as all others are
}

// openPayments reads the ways to pay, and goes on asking gateways until ctx ends.
func (c *paying) openPayments(ctx context.Context, s *site, client *http.Client) error {
	if c.Payments == "" {
		return nil
	}
	if c.gateways != nil {
		client = c.gateways
	}
	if err := s.payments.Read(c.Payments, client); err != nil {
		return usageError{fmt.Errorf("--payments: %w", err)}
	}
	go repeat(ctx, "payment", func() (more bool, err error) {
		n, err := s.payments.AskDue(ctx, 20)
		return n == 20, err
	})
	return nil
}

// demoGateways starts gateways to try out beside the demo, on this machine only, and
// pays through them. It returns what is to be told where the site is.
func (c *paying) demoGateways(ctx context.Context, data string) (told func(site string), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	collectors := []payment.Collector{{Agency: "H57", Name: "Trung tâm Phục vụ hành chính công thành phố Huế", TaxCode: "3300000001", FormSign: "01BLP0-001", Series: "HU-26E"}}
	sand, file, err := sandbox.Setup(filepath.Join(data, "sandbox"), "http://"+l.Addr().String(), collectors, outgoing.Client(outgoing.Only("127.0.0.1")))
	if err != nil {
		return nil, err
	}
	c.Payments, c.gateways = file, outgoing.Client(outgoing.Only("127.0.0.1"))
	server := newServer(sand.Handler())
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return func(site string) {
		sand.Site("http://" + site)
		sand.Back = "http://" + named(site) + "/thanh-toan/ve"
		go func() {
			if err := server.Serve(l); err != nil && ctx.Err() == nil {
				slog.Error("sandbox", "error", err)
			}
		}()
	}, nil
}
