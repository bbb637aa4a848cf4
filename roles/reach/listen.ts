import { sh, type Command } from 'ts-play'
import type { Need } from './needs.ts'

/** Seconds that a SYN may go unanswered, and that VRRP is listened to: routers say so every second. */
const PATIENCE = 4

/**
 * Perl, because it is on every Debian and Ubuntu (perl-base is essential there) and a shell can neither connect without waiting nor hear a protocol without ports.
 * Nothing has to listen at the other end: a host that refuses a connection has been reached, and one behind a firewall that drops stays silent.
 */
const script = `use strict; use Socket qw(:DEFAULT IPPROTO_IP IP_ADD_MEMBERSHIP pack_ip_mreq); use Fcntl; use Errno qw(EINPROGRESS ECONNREFUSED);
my ($patience, $own, @targets) = @ARGV;
my %waiting;
sub told { my ($target, $error) = @_; print "path=$target ", ($error == 0 ? "open" : $error == ECONNREFUSED ? "refused" : "rejected"), "\\n" }
for my $target (@targets) {
  my ($address, $port) = split /:/, $target;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or next;
  fcntl($s, F_SETFL, O_NONBLOCK);
  if (connect($s, sockaddr_in($port, inet_aton($address)))) { told($target, 0) }
  elsif ($! == EINPROGRESS) { $waiting{fileno $s} = [$s, $target] }
  else { told($target, $! + 0) }
}
my $vrrp;
if ($own ne "") {
  if (socket($vrrp, PF_INET, SOCK_RAW, 112)) { setsockopt($vrrp, IPPROTO_IP, IP_ADD_MEMBERSHIP, pack_ip_mreq(inet_aton("224.0.0.18"), inet_aton($own))) }
  else { print "vrrp=unchecked\\n"; undef $vrrp }
}
my ($end, %heard) = (time + $patience);
while (time < $end && ($vrrp || %waiting)) {
  my ($read, $write) = ("", "");
  vec($read, fileno $vrrp, 1) = 1 if $vrrp;
  vec($write, $_, 1) = 1 for keys %waiting;
  select($read, $write, undef, 0.5);
  for (keys %waiting) {
    next unless vec($write, $_, 1);
    my ($s, $target) = @{delete $waiting{$_}};
    told($target, unpack("i", getsockopt($s, SOL_SOCKET, SO_ERROR)));
  }
  if ($vrrp && vec($read, fileno $vrrp, 1)) {
    recv($vrrp, my $packet, 1500, 0);
    my $header = 4 * (ord($packet) & 15);
    next if length($packet) < $header + 2;
    my $router = inet_ntoa(substr($packet, 12, 4)) . " " . ord(substr($packet, $header + 1, 1));
    print "vrrp=$router\\n" unless $heard{$router}++;
  }
}
print "path=$_->[1] silent\\n" for values %waiting;`

/**
 * Says of each port whether it can be reached from this host, and which VRRP routers are heard; exits 0 whatever it finds. A balancer that works already is not
 * asked: its own checks do this all the time.
 *
 * @param own address on the network on which VRRP is listened to; `undefined` where none will be spoken
 */
export function lookOut(needs: readonly Need[], own: string | undefined): Command {
  return sh`
    if systemctl -q is-active keepalived 2>/dev/null; then exit 0; fi
    if ! command -v perl >/dev/null; then echo path=unchecked; exit 0; fi
    perl -e ${script} ${String(PATIENCE)} ${own ?? ''} ${needs.map(({ address, port }) => `${address}:${port}`)} || echo path=unchecked`
}
