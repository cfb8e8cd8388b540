"""Loopback: the names and addresses that stand for this very machine (RFC 6761, RFC 1122, RFC 4291)."""

from ipaddress import IPv4Address, IPv6Address, ip_address


def is_loopback(host: str) -> bool:
    """Whether a host's name or address stands for this machine's loopback interface.

    `localhost` and the names below it count, with a dot at the end or without, in any case; addresses with brackets,
    with a zone, and as IPv4 mapped into IPv6, too. The unspecified address (`0.0.0.0`, `::`) is not one: a server that
    listens there is reached from anywhere.
    """
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = address_of(host)
    return address is not None and address.is_loopback


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a text writes in numbers, an IPv4 one out of its IPv6 form; None for a name."""
    bare = host[1:-1] if host[:1] == "[" and host[-1:] == "]" else host
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
