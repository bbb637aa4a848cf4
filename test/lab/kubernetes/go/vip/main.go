// A stand-in for kube-vip in the lab, where kube-vip itself cannot be had: it understands the environment and the kubeconfig that the manifest gives kube-vip for a
// control plane with ARP, elects a holder by the same kind of lease, and holds the address. What it does not know it refuses.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

const kubeconfig = "/etc/kubernetes/admin.conf"

type lease struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata"`
	Spec       struct {
		HolderIdentity       string `json:"holderIdentity"`
		LeaseDurationSeconds int    `json:"leaseDurationSeconds"`
		RenewTime            string `json:"renewTime"`
		AcquireTime          string `json:"acquireTime,omitempty"`
		LeaseTransitions     int    `json:"leaseTransitions"`
	} `json:"spec"`
}

func main() {
	if len(os.Args) < 2 || os.Args[1] != "manager" || must("vip_arp") != "true" || must("cp_enable") != "true" || must("vip_leaderelection") != "true" || must("vip_subnet") != "32" {
		fail("this stand-in knows a control plane's address with ARP and an election, and nothing else")
	}
	holder := &address{ip: net.ParseIP(must("address")).To4(), dev: must("vip_interface")}
	holder.release()
	duration, renew, retry := seconds("vip_leaseduration"), seconds("vip_renewdeadline"), seconds("vip_retryperiod")
	e := election{base: "https://kubernetes:" + must("port") + "/apis/coordination.k8s.io/v1/namespaces/" + must("cp_namespace") + "/leases", name: must("vip_leasename"), me: must("vip_nodename"), duration: duration}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	var renewed time.Time
	for {
		held, err := e.attempt()
		switch {
		case err != nil:
			fmt.Println(err)
			if holder.held && time.Since(renewed) > renew {
				holder.release()
			}
		case held:
			renewed = time.Now()
			holder.take()
		default:
			holder.release()
		}
		select {
		case <-ended:
			holder.release()
			if held {
				e.resign()
			}
			return
		case <-time.After(retry):
		}
	}
}

type election struct {
	base, name, me string
	duration       time.Duration
	seen           string
	since          time.Time
}

// Whether the lease is ours now. Somebody else's counts as given up when it was not renewed for its duration, by our own clock.
func (e *election) attempt() (bool, error) {
	var current lease
	status, err := call("GET", e.base+"/"+e.name, nil, &current)
	if err != nil {
		return false, err
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	if status == http.StatusNotFound {
		fresh := lease{APIVersion: "coordination.k8s.io/v1", Kind: "Lease", Metadata: map[string]any{"name": e.name}}
		fresh.Spec.HolderIdentity, fresh.Spec.RenewTime, fresh.Spec.AcquireTime, fresh.Spec.LeaseDurationSeconds = e.me, now, now, int(e.duration.Seconds())
		status, err = call("POST", e.base, fresh, nil)
		return status == http.StatusCreated, err
	}
	if status != http.StatusOK {
		return false, fmt.Errorf("the lease could not be read: %d", status)
	}
	if mark := current.Spec.HolderIdentity + current.Spec.RenewTime; mark != e.seen {
		e.seen, e.since = mark, time.Now()
	}
	if current.Spec.HolderIdentity != e.me {
		if current.Spec.HolderIdentity != "" && time.Since(e.since) < e.duration {
			return false, nil
		}
		current.Spec.HolderIdentity, current.Spec.AcquireTime = e.me, now
		current.Spec.LeaseTransitions++
	}
	current.Spec.RenewTime, current.Spec.LeaseDurationSeconds = now, int(e.duration.Seconds())
	status, err = call("PUT", e.base+"/"+e.name, current, nil)
	if err == nil && status != http.StatusOK && status != http.StatusConflict {
		err = fmt.Errorf("the lease could not be renewed: %d", status)
	}
	return status == http.StatusOK, err
}

func (e *election) resign() {
	var current lease
	if status, err := call("GET", e.base+"/"+e.name, nil, &current); err == nil && status == http.StatusOK && current.Spec.HolderIdentity == e.me {
		current.Spec.HolderIdentity = ""
		_, _ = call("PUT", e.base+"/"+e.name, current, nil)
	}
}

// The kubeconfig is read each time, so that a renewed certificate counts at once.
func call(method, url string, body any, answer any) (int, error) {
	text, err := os.ReadFile(kubeconfig)
	if err != nil {
		return 0, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(field(text, "certificate-authority-data"))
	pair, err := tls.X509KeyPair(field(text, "client-certificate-data"), field(text, "client-key-data"))
	if err != nil {
		return 0, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}, DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: 2 * time.Second}
	var reader io.Reader
	if body != nil {
		sent, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		reader = bytes.NewReader(sent)
	}
	request, err := http.NewRequest(method, url, reader)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode < 300 && answer != nil {
		return response.StatusCode, json.NewDecoder(response.Body).Decode(answer)
	}
	return response.StatusCode, nil
}

func field(text []byte, name string) []byte {
	found := regexp.MustCompile(name + `: (\S+)`).FindSubmatch(text)
	if found == nil {
		return nil
	}
	decoded, _ := base64.StdEncoding.DecodeString(string(found[1]))
	return decoded
}

type address struct {
	ip   net.IP
	dev  string
	held bool
}

// Announced each time, because a neighbour may have missed it.
func (a *address) take() {
	if !a.held {
		fmt.Println("holding", a.ip)
		_ = exec.Command("ip", "address", "add", a.ip.String()+"/32", "dev", a.dev).Run()
		a.held = true
	}
	a.announce()
}

func (a *address) release() {
	if a.held {
		fmt.Println("releasing", a.ip)
	}
	_ = exec.Command("ip", "address", "del", a.ip.String()+"/32", "dev", a.dev).Run()
	a.held = false
}

// A gratuitous ARP reply: the address is at this interface.
func (a *address) announce() {
	dev, err := net.InterfaceByName(a.dev)
	if err != nil {
		fmt.Println(err)
		return
	}
	socket, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, int(0x0608))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer syscall.Close(socket)
	everyone := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	frame := bytes.Join([][]byte{everyone, dev.HardwareAddr, {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 2}, dev.HardwareAddr, a.ip, everyone, a.ip}, nil)
	if err := syscall.Sendto(socket, frame, 0, &syscall.SockaddrLinklayer{Ifindex: dev.Index, Halen: 6}); err != nil {
		fmt.Println(err)
	}
}

func must(name string) string {
	value := os.Getenv(name)
	if value == "" {
		fail(name + " is not set")
	}
	return value
}

func seconds(name string) time.Duration {
	number, err := strconv.Atoi(must(name))
	if err != nil {
		fail(name + " is no number")
	}
	return time.Duration(number) * time.Second
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
