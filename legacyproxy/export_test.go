package legacyproxy

// NewTransport is the transport of an Adapter, for comparing proxies over it.
var NewTransport = newTransport
