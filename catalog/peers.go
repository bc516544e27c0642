package catalog

import (
	"fmt"
	"net/netip"
	"strings"
)

// ParsePeers reads addresses and networks, separated by commas: "10.0.0.0/8,
// 127.0.0.1". An address is the network that has it alone.
func ParsePeers(text string) (peers []netip.Prefix, err error) {
	for one := range strings.SplitSeq(text, ",") {
		one = strings.TrimSpace(one)
		prefix, err := netip.ParsePrefix(one)
		if err != nil {
			addr, err := netip.ParseAddr(one)
			if err != nil || addr.Zone() != "" {
				return nil, fmt.Errorf("%q is neither an address nor a network", one)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		peers = append(peers, prefix.Masked())
	}
	return peers, nil
}
