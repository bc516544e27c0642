package admin

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"
)

// Listen takes a TCP address that a user chose with a flag. Its error says in
// the user's terms what is wrong with the address and names the flag. held are
// the listeners that this server has already: an address that one of them has is
// told apart from one that another process has.
func Listen(address, flag string, held ...net.Listener) (net.Listener, error) {
	if address == "" { // net takes it for any port of any address
		return nil, fmt.Errorf("%s is empty; write it like 127.0.0.1:8080", flag)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(address, flag, held, err)
	}
	return l, nil
}

func listenError(address, flag string, held []net.Listener, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && slices.ContainsFunc(held, func(l net.Listener) bool { return covers(l.Addr(), address) }):
		return fmt.Errorf("%s is %s, which this server listens on already; give one of the two another address", flag, address)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another process; stop it or choose another address with %s", address, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s may not be used by this user; choose a port above 1023 with %s", address, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine; choose another with %s", address, flag)
	}
	if bad := (*net.AddrError)(nil); errors.As(err, &bad) {
		return fmt.Errorf("%s %q: %s; write it like 127.0.0.1:8080", flag, address, bad.Err)
	}
	return fmt.Errorf("%s %q: %w", flag, address, err)
}

// covers reports whether who has an address keeps another one from being taken.
func covers(has net.Addr, address string) bool {
	a, ok := has.(*net.TCPAddr)
	b, err := net.ResolveTCPAddr("tcp", address)
	return ok && err == nil && a.Port == b.Port && (a.IP.Equal(b.IP) || a.IP.IsUnspecified() || len(b.IP) == 0 || b.IP.IsUnspecified())
}
