// Which addresses a server may be made to call by what a config says: those of the public Internet.
import { BlockList, isIP } from 'node:net';

/** Ranges for special purposes (IANA registries of RFC 6890), reachable inside a network only or not at all. */
const SPECIAL_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Those that hold an IPv4 address (mapped, translated, 6to4, Teredo) are left out whole: it could be any. */
const SPECIAL_6 = [
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** One list for each family: in a common one an IPv4 address would be found by its mapped form. */
const special = { 4: listOf(SPECIAL_4, 'ipv4'), 6: listOf(SPECIAL_6, 'ipv6') };

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, prefix] = range.split('/');
    list.addSubnet(network!, Number(prefix), family);
  }
  return list;
}

/** False for an address of a private network, of this machine, and for what is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special[4].check(address, 'ipv4');
    case 6:
      return !special[6].check(address, 'ipv6');
    default:
      return false;
  }
}
