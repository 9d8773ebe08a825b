import { BlockList, isIP } from 'node:net'
import { ProtocolError } from '../../protocol/error.ts'

/** Which networks a node may call. Private ranges are legal, since the registry lists every peer; these never are. */
function createForbidden4(loopback: boolean): BlockList {
  const list = new BlockList()
  if (!loopback) list.addSubnet('127.0.0.0', 8, 'ipv4')
  list.addSubnet('0.0.0.0', 8, 'ipv4')
  list.addSubnet('169.254.0.0', 16, 'ipv4')
  list.addSubnet('192.0.0.0', 24, 'ipv4')
  list.addSubnet('224.0.0.0', 3, 'ipv4')
  list.addAddress('100.100.100.200', 'ipv4')
  return list
}

/** A list of its own: in a shared one, the rule for mapped addresses would match every IPv4 address. */
function createForbidden6(loopback: boolean): BlockList {
  const list = new BlockList()
  if (!loopback) list.addAddress('::1', 'ipv6')
  list.addAddress('::', 'ipv6')
  list.addSubnet('fe80::', 10, 'ipv6')
  list.addSubnet('fec0::', 10, 'ipv6')
  list.addSubnet('ff00::', 8, 'ipv6')
  list.addAddress('fd00:ec2::254', 'ipv6')
  // Mapped and translated forms reach the same hosts by another name.
  list.addSubnet('::ffff:0:0', 96, 'ipv6')
  list.addSubnet('64:ff9b::', 96, 'ipv6')
  list.addSubnet('64:ff9b:1::', 48, 'ipv6')
  list.addSubnet('2002::', 16, 'ipv6')
  list.addSubnet('2001::', 32, 'ipv6')
  return list
}

export interface AddressPolicy {
  /** @throws {ProtocolError} `ADDRESS_FORBIDDEN` */
  check(address: string): void
}

/**
 * Judges an IP address at connect time, on every connection, after name resolution: a name that later points elsewhere gains
 * nothing. Loopback is for a synthetic network alone.
 *
 * @see spec/sync.md, SYNC-12 (R21)
 */
export function createAddressPolicy(network: 'synthetic' | 'production'): AddressPolicy {
  const loopback = network === 'synthetic'
  const [forbidden4, forbidden6] = [createForbidden4(loopback), createForbidden6(loopback)]
  return {
    check(address) {
      const family = isIP(address)
      const refused =
        family === 0 || (family === 4 ? forbidden4.check(address, 'ipv4') : forbidden6.check(address, 'ipv6'))
      if (refused)
        throw new ProtocolError('ADDRESS_FORBIDDEN', 'the peer resolves to an address that is not allowed', {
          evidence: { address },
        })
    },
  }
}
