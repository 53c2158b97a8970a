// HTTP/1.1 by net/http.

package main

import (
	"io"
	"net"
	"net/http"
)

func hello(connections, n uint64) figures {
	l := listen()
	defer l.Close()
	client := startLoader("http", l.Addr(), connections, n)
	go serveHello(l)
	return client.measured(n)
}

func serveHello(l net.Listener) {
	http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "Hello, World!")
	}))
}
