// SPDX-License-Identifier: MIT
// The peer of the comparison: an idiomatic server on Go's gorilla/websocket, with the work that a
// Tidegate gateway does: decode the envelope, look up a handler, encode a new envelope. A broadcast
// is a prepared message; each subscriber has a goroutine that writes, as in the library's chat
// example. Compression is off.
//
// server PORT: listens on 127.0.0.1, port 0 for the kernel's choice, and prints the port.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
)

const waitingMax = 256

type message struct {
	Event string      `json:"event"`
	Data  interface{} `json:"data"`
}

type client struct {
	socket  *websocket.Conn
	waiting chan *websocket.PreparedMessage // nil before it has joined
}

var (
	upgrader      = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	subscribersMu sync.Mutex
	subscribers   = map[*client]bool{}
	handlers      = map[string]func(*client, interface{}) error{
		"echo":    echo,
		"join":    join,
		"publish": publish,
	}
)

func encode(event string, data interface{}) ([]byte, error) {
	return json.Marshal(message{event, data})
}

func send(c *client, event string, data interface{}) error {
	text, err := encode(event, data)
	if err != nil {
		return err
	}
	return c.socket.WriteMessage(websocket.TextMessage, text)
}

func echo(c *client, data interface{}) error {
	return send(c, "echo", data)
}

func join(c *client, _ interface{}) error {
	if err := send(c, "joined", true); err != nil {
		return err
	}
	c.waiting = make(chan *websocket.PreparedMessage, waitingMax)
	go func() {
		for prepared := range c.waiting {
			if c.socket.WritePreparedMessage(prepared) != nil {
				c.socket.Close()
			}
		}
	}()
	subscribersMu.Lock()
	subscribers[c] = true
	subscribersMu.Unlock()
	return nil
}

func publish(_ *client, data interface{}) error {
	text, err := encode("publish", data)
	if err != nil {
		return err
	}
	prepared, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
	if err != nil {
		return err
	}
	subscribersMu.Lock()
	defer subscribersMu.Unlock()
	for c := range subscribers {
		select {
		case c.waiting <- prepared:
		default:
			c.socket.Close()
		}
	}
	return nil
}

func leave(c *client) {
	subscribersMu.Lock()
	defer subscribersMu.Unlock()
	if subscribers[c] {
		delete(subscribers, c)
		close(c.waiting)
	}
	c.socket.Close()
}

func serve(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &client{socket: socket}
	defer leave(c)
	for {
		kind, text, err := socket.ReadMessage()
		if err != nil {
			return
		}
		var m message
		if kind != websocket.TextMessage || json.Unmarshal(text, &m) != nil {
			continue
		}
		if handler := handlers[m.Event]; handler != nil && handler(c, m.Data) != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	fmt.Fprintln(os.Stderr, http.Serve(listener, http.HandlerFunc(serve)))
	os.Exit(1)
}
