// A server by itself, for the clients of others: it says where it listens, and does not end.

package main

import (
	"fmt"
	"net"
)

func alone(what string) {
	l := listen()
	fmt.Println("listening at", l.Addr())
	if what == "http" {
		serveHello(l)
		return
	}
	s := newStore()
	for {
		c, err := l.Accept()
		check(err == nil, "a connection")
		go func(c net.Conn) {
			defer func() { _ = recover() }() // an error is the client's
			s.serve(c)
		}(c)
	}
}
