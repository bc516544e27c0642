// Command banyan checks contracts, generates code from them, and shows and
// serves what a workspace declares. `banyan help` lists what it can do.
package main

import "os"

func main() { os.Exit(newApp(os.Stdout, os.Stderr).interruptible().run(os.Args[1:])) }
