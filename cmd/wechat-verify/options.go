package main

import (
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

type options struct {
	yes, json                    bool
	baseURL, certificate, record string
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("wechat-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.yes, "yes", false, "begin without asking")
	flags.BoolVar(&o.json, "json", false, "print one JSON object with the facts, and all else on standard error")
	flags.StringVar(&o.record, "record", "", "`file` to leave a record in that is safe to publish")
	flags.StringVar(&o.baseURL, "base-url", "", "`address` to ask in WeChat's place; plain http to this machine only")
	flags.StringVar(&o.certificate, "ca-certificate-file", "",
		"`file` of PEM certificates to trust besides the system's")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stderr)
		_, _ = fmt.Fprintln(stderr, "Asks WeChat whether it is as is believed here. Credentials, each optional:")
		for _, names := range facts.Variables {
			_, _ = fmt.Fprintf(stderr, "  %s with %s\n", names[0], names[1])
		}
		_, _ = fmt.Fprintln(stderr, "Exit code 0: all that was asked is so; 2: something differs; 1: it could not run.")
		flags.PrintDefaults()
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, err
}

var (
	tokenShape = regexp.MustCompile(`^[0-9A-Za-z_.~+/=-]+$`)
	appidShape = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)
)

// config is what to ask, and with what. Its errors show no value of a variable.
func (o options) config() (facts.Config, error) {
	var c facts.Config
	for holder, names := range facts.Variables {
		token, appid := names[0], names[1]
		given := facts.Credential{
			Token: strings.TrimSpace(os.Getenv(token)),
			AppID: strings.TrimSpace(os.Getenv(appid)),
		}
		switch {
		case given == facts.Credential{}:
			continue
		case given.Token == "":
			return c, fmt.Errorf("%s is set, and %s is not: set both or neither", appid, token)
		case given.AppID == "":
			return c, fmt.Errorf("%s is set, and %s is not: set both or neither", token, appid)
		case !tokenShape.MatchString(given.Token) || len(given.Token) < 8 || len(given.Token) > 4096:
			return c, fmt.Errorf("%s is no token: it is not made of 8 to 4,096 characters of 0-9, A-Z, a-z and -_.~+/=",
				token)
		case !appidShape.MatchString(given.AppID):
			return c, fmt.Errorf("%s is no appid: it is not made of 1 to 64 letters and digits", appid)
		}
		for _, other := range c.Credentials {
			if given.Token == other.Token || given.AppID == other.AppID {
				return c, fmt.Errorf("%s or %s is that of another holder: give another, or leave both out", token,
					appid)
			}
		}
		c.Credentials[holder] = given
	}
	var err error
	if o.baseURL != "" {
		if c.BaseURL, err = parseBaseURL(o.baseURL); err != nil {
			return c, err
		}
	}
	if o.certificate != "" {
		if c.Roots, err = readRoots(o.certificate); err != nil {
			return c, fmt.Errorf("-ca-certificate-file: %w", err)
		}
	}
	if o.record != "" {
		if err := facts.CanWrite(o.record); err != nil {
			return c, fmt.Errorf("-record: %s cannot be written: %w", o.record, err)
		}
	}
	return c, nil
}

// parseBaseURL reads an address, which its errors do not show.
func parseBaseURL(written string) (*url.URL, error) {
	address, err := url.Parse(written)
	switch {
	case err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http":
		return nil, errors.New("-base-url is no http or https address with a host, such as https://wechat.example")
	case address.User != nil || address.RawQuery != "" || address.Fragment != "":
		return nil, errors.New("-base-url has a user, a query or a fragment: leave it out")
	case address.Scheme == "http" && !isThisMachine(address.Hostname()):
		return nil, errors.New("-base-url is plain http, which is for this machine only: write https")
	}
	return address, nil
}

func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func readRoots(path string) (*x509.CertPool, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%s holds no PEM certificate", path)
	}
	return roots, nil
}
