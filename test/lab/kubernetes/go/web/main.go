// Command web is the lab's test workload: a server that says which pod answered, and a client that needs no shell,
// no libc and no resolver library in its image.
//
//	web serve [ADDRESS]         answer every request with the host's name (default :8080)
//	web get URL [TIMEOUT]       print the body; status 1 on any error or status but 2xx (default 3s)
//	web lookup NAME [TIMEOUT]   print the name's addresses
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

func run(words []string) error {
	if len(words) == 0 {
		words = []string{"serve"}
	}
	operand := func(index int, standard string) string {
		if len(words) > index {
			return words[index]
		}
		return standard
	}
	timeout, err := time.ParseDuration(operand(2, "3s"))
	if err != nil {
		return err
	}
	switch words[0] {
	case "serve":
		return serve(operand(1, ":8080"))
	case "get":
		return get(operand(1, ""), timeout)
	case "lookup":
		return lookup(operand(1, ""), timeout)
	}
	return fmt.Errorf("unknown command %q: serve, get or lookup", words[0])
}

func serve(address string) error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	handler := func(response http.ResponseWriter, request *http.Request) {
		fmt.Fprintf(response, "%s %s\n", name, request.RemoteAddr)
	}
	server := &http.Server{Addr: address, Handler: http.HandlerFunc(handler), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func get(url string, timeout time.Duration) error {
	client := &http.Client{Timeout: timeout}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

func lookup(name string, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return err
	}
	for _, address := range addresses {
		fmt.Println(address)
	}
	return nil
}
