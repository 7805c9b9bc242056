package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/internal/certfile"
)

// dicomTLS are the settings of the secure DICOM port.
type dicomTLS struct {
	DICOMTLSAddr     string `name:"dicom-tls-addr" help:"Address of the DICOM receiver over TLS 1.3 and 1.2 (BCP 195). Default: none." placeholder:"HOST:PORT"`
	DICOMTLSCert     string `name:"dicom-tls-cert" help:"Our certificate and the chain above it, PEM, of the receiver and of our calls to destinations. Read again when it changes." placeholder:"FILE" type:"path"`
	DICOMTLSKey      string `name:"dicom-tls-key" help:"Its private key, PEM." placeholder:"FILE" type:"path"`
	DICOMTLSCA       string `name:"dicom-tls-ca" help:"Authorities, PEM, one of which must vouch for a destination that is called over TLS (tls: verify in the site file). Default: those of the system." placeholder:"FILE" type:"path"`
	DICOMTLSClientCA string `name:"dicom-tls-client-ca" help:"Authorities, PEM, one of which must vouch for the caller's certificate (mutual TLS). Without it a certificate is asked for and not required." placeholder:"FILE" type:"path"`
	TLSCRL           string `name:"tls-crl" help:"Revocation lists, PEM, of the client authorities of both ports. Read again when they change." placeholder:"FILE" type:"path"`
}

// identity is what we show and whom we believe; empty when no secure port is
// wanted.
func (o dicomTLS) identity(log *slog.Logger, seen *expiries) (id bcp195.Identity, err error) {
	if o.DICOMTLSAddr == "" {
		if o.DICOMTLSClientCA != "" {
			return id, errors.New("--dicom-tls-client-ca without a port to use it on: give --dicom-tls-addr too")
		}
		return id, nil
	}
	if o.DICOMTLSCert == "" || o.DICOMTLSKey == "" {
		return id, errors.New("--dicom-tls-addr needs --dicom-tls-cert and --dicom-tls-key")
	}
	pair, err := certfile.KeyPair(o.DICOMTLSCert, o.DICOMTLSKey, log)
	if err != nil {
		return id, fmt.Errorf("DICOM certificate: %w", err)
	}
	id.Certificate = pair.Get
	seen.pair("dicom", pair)
	return id, vouch(&id, o.DICOMTLSClientCA, o.TLSCRL, "DICOM", "dicom", log, seen)
}

// caller is what we show destinations that are called over TLS, and whom we
// believe.
func (o dicomTLS) caller(log *slog.Logger) (c bcp195.Caller, err error) {
	if (o.DICOMTLSCert == "") != (o.DICOMTLSKey == "") {
		return c, errors.New("--dicom-tls-cert and --dicom-tls-key belong together")
	}
	if o.DICOMTLSCert != "" {
		pair, err := certfile.KeyPair(o.DICOMTLSCert, o.DICOMTLSKey, log)
		if err != nil {
			return c, fmt.Errorf("DICOM certificate: %w", err)
		}
		c.Certificate = pair.Get
	}
	if o.DICOMTLSCA != "" {
		pool, err := certfile.Pool(o.DICOMTLSCA, log)
		if err != nil {
			return c, fmt.Errorf("DICOM authorities: %w", err)
		}
		c.Roots = pool.Get
	}
	return c, nil
}

// listenDICOM opens the ports that are wanted: plain, secure or both.
func listenDICOM(plainAddr, secureAddr string, id bcp195.Identity) (plain, secure net.Listener, err error) {
	if plainAddr == "off" {
		plainAddr = ""
	}
	if plainAddr == "" && secureAddr == "" {
		return nil, nil, errors.New("no DICOM port: give --dicom-addr or --dicom-tls-addr")
	}
	return listenBoth("DICOM", "dicom", plainAddr, secureAddr, id)
}

// listenHL7 opens the ports for orders that are wanted.
func listenHL7(plainAddr, secureAddr string, id bcp195.Identity) (plain, secure net.Listener, err error) {
	if secureAddr != "" && id.Certificate == nil {
		return nil, nil, errors.New("--hl7-tls-addr shows the certificate of --dicom-tls-addr: give that too")
	}
	return listenBoth("HL7", "hl7", plainAddr, secureAddr, id)
}

// listenBoth opens a plain and a secure port, those of the two that are wanted.
func listenBoth(name, flag, plainAddr, secureAddr string, id bcp195.Identity) (plain, secure net.Listener, err error) {
	if plainAddr != "" {
		if plain, err = net.Listen("tcp", plainAddr); err != nil {
			return nil, nil, fmt.Errorf("%s address %s: %w; choose another with --%s-addr", name, plainAddr, err, flag)
		}
	}
	if secureAddr != "" {
		l, err := net.Listen("tcp", secureAddr)
		if err != nil {
			return plain, nil, fmt.Errorf("%s TLS address %s: %w; choose another with --%s-tls-addr", name, secureAddr, err, flag)
		}
		// The handshake is not made here but by the goroutine that serves the
		// connection, under ARTIM: a caller who never finishes it waits alone.
		secure = tls.NewListener(l, bcp195.Server(id))
	}
	return plain, secure, nil
}

// callerTLS are the settings of our side when we call.
type callerTLS struct {
	TLS     bool   `name:"tls" help:"Call over TLS (BCP 195)."`
	TLSCA   string `name:"tls-ca" help:"Authorities, PEM, one of which must vouch for the receiver's certificate. Default: those of the system." placeholder:"FILE" type:"path"`
	TLSCert string `name:"tls-cert" help:"Our certificate, PEM, for a receiver that asks for one." placeholder:"FILE" type:"path"`
	TLSKey  string `name:"tls-key" help:"Its private key, PEM." placeholder:"FILE" type:"path"`
}

// config is nil when the call is to be plain.
func (o callerTLS) config() (*tls.Config, error) {
	if !o.TLS {
		if o.TLSCA != "" || o.TLSCert != "" || o.TLSKey != "" {
			return nil, errors.New("--tls-ca, --tls-cert and --tls-key need --tls")
		}
		return nil, nil
	}
	cfg := bcp195.Client(nil, nil)
	if o.TLSCA != "" {
		pool, err := certfile.Pool(o.TLSCA, nil)
		if err != nil {
			return nil, fmt.Errorf("--tls-ca: %w", err)
		}
		if cfg.RootCAs, err = pool.Get(); err != nil {
			return nil, err
		}
	}
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return nil, errors.New("--tls-cert and --tls-key belong together")
	}
	if o.TLSCert != "" {
		pair, err := certfile.KeyPair(o.TLSCert, o.TLSKey, nil)
		if err != nil {
			return nil, fmt.Errorf("--tls-cert: %w", err)
		}
		own, err := pair.Get()
		if err != nil {
			return nil, err
		}
		cfg.Certificates = append(cfg.Certificates, *own)
	}
	return cfg, nil
}
