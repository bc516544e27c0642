package admin

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Listen takes a TCP address that a user chose with a flag. Its error says in
// the user's terms what is wrong with the address and names the flag.
func Listen(address, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(address, flag, err)
	}
	return l, nil
}

func listenError(address, flag string, err error) error {
	switch {
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
