package ul

import (
	"crypto/tls"
	"net"
	"syscall"
)

// quickAck gives a function that acknowledges at once what has been read from
// conn (TCP_QUICKACK, which the kernel forgets and which must be repeated).
//
// Many peers write a PDU header and its body in two pieces and leave Nagle's
// algorithm on; the second piece then waits for our acknowledgement of the
// first, which the kernel delays by 40 ms. That is 40 ms for every message:
// DCMTK's tools as Debian ships them send 25 images a second to a provider
// that does not do this, and hundreds to one that does.
func quickAck(conn net.Conn) func() {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	t, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	set := func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // a hint
	}
	return func() { _ = raw.Control(set) } // fails only on a closed connection
}
