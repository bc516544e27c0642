package legacyproxy

// StartPHP is for tests of what clients see.
var StartPHP = startPHP
