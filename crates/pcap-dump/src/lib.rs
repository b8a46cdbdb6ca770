//! Writes what crosses an interceptor chain to pcapng, pcap, rtpdump or text files.
