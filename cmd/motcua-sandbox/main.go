// SPDX-License-Identifier: Apache-2.0

// Command motcua-sandbox stands in for the gateways people pay through, so that a site
// can be tried out without money: motcua serve --payments FILE with the file it writes.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"motcua/internal/agency"
	"motcua/internal/outgoing"
	"motcua/internal/payment"
	"motcua/internal/payment/sandbox"
)

type command struct {
	Listen    string `default:"127.0.0.1:8090" help:"Địa chỉ phục vụ. / Address to serve on."`
	Base      string `help:"Địa chỉ của cổng thử như trình duyệt thấy, mặc định http://LISTEN. / Its address as browsers reach it." placeholder:"URL"`
	Site      string `default:"http://127.0.0.1:8080" help:"Địa chỉ của hệ thống được báo. / The site that is told."`
	Folder    string `default:"./motcua-sandbox" help:"Nơi ghi payments.json và các khóa. / Where payments.json and the secrets are written." type:"path"`
	Agency    string `default:"H57" help:"Mã cơ quan thu. / Agency that collects."`
	Collector string `default:"Trung tâm Phục vụ hành chính công" help:"Tên đơn vị thu. / Name of who collects."`
	TaxCode   string `default:"3300000001" help:"Mã số thuế của đơn vị thu. / Its tax code."`
}

func main() {
	var c command
	kong.Parse(&c, kong.Name("motcua-sandbox"), kong.Description("Cổng thanh toán thử của Một Cửa: không có tiền thật. / Payment gateways to try out: no money moves."))
	if c.Base == "" {
		c.Base = "http://" + c.Listen
	}
	site, err := url.Parse(c.Site)
	if err != nil {
		fmt.Fprintln(os.Stderr, "motcua-sandbox: --site:", err)
		os.Exit(2)
	}
	s, file, err := sandbox.Setup(c.Folder, c.Base, []payment.Collector{{Agency: agency.ID(c.Agency), Name: c.Collector, TaxCode: c.TaxCode, FormSign: "01BLP0-001", Series: "MC-26E"}}, outgoing.Client(outgoing.Only(site.Hostname())))
	if err == nil {
		s.Site(c.Site)
		fmt.Printf("motcua serve --payments %s\n%s/bank\n", file, c.Base)
		server := &http.Server{Addr: c.Listen, Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
		err = server.ListenAndServe()
	}
	fmt.Fprintln(os.Stderr, "motcua-sandbox:", err)
	os.Exit(1)
}
