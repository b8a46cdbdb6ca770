//! What each scenario is.

/// One scenario.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// As in the results.
    pub id: &'static str,
    /// What is done, and what one item is.
    pub text: &'static str,
}

/// All of them, in the order of the results.
pub const ALL: [Scenario; 15] = [
    Scenario {
        id: "P",
        text: "A datagram with one header extension becomes a packet: *parse* from a reference-counted buffer; \
               *parse and serialise* also writes the packet into a buffer that is used again. ns a packet.",
    },
    Scenario {
        id: "S1",
        text: "The application sends packets through statistics, reports, NACK with its history (RTX where a contender has \
               it) and transport-wide numbers; *no feedback*: without those. No loss. ns a packet.",
    },
    Scenario {
        id: "S2",
        text: "Packets come in through statistics, reports, NACK and transport-wide feedback. No loss. *parsed*: the contender gets its own \
               packet type; *datagram*: it gets bytes; *no feedback*: without that for congestion control. ns a packet.",
    },
    Scenario {
        id: "S3",
        text: "As S2, parsed: *2 % loss* that is never repaired, so that requests and their timers run all the time; \
               *1 % duplicates*. ns a packet.",
    },
    Scenario {
        id: "S4",
        text: "A NACK for ten packets that were just sent comes in as RTCP bytes, and the ten packets go out: \
               *plain* on the media SSRC, *RTX* as RFC 4588 retransmissions; *feedback*: with transport-wide numbers. ns a NACK.",
    },
    Scenario {
        id: "S5",
        text: "0, 1, 2, 4, 8 and 16 interceptors that only count packets, each direction. *intercept* is the chain \
               itself, *slope* one more interceptor (least squares in each round). There is no feedback in it. ns a packet.",
    },
    Scenario {
        id: "S6",
        text: "Heap that a bound stream keeps, in bytes a stream: *idle* before its first packet; *beside payload* \
               after 1000 packets within 250 ms, without the payload's 1200 bytes each, which everybody shares with \
               the application; *a kept packet* is the difference divided by 1000. The peers take the memory of a whole \
               history when a stream is bound, so that a packet adds nothing to it; ours grows and shrinks with what is \
               kept. An idle remote stream is larger here: statistics keep a window of its sequence numbers from the \
               start. The time is that of binding a stream, or of one packet while the history grows.",
    },
    Scenario {
        id: "S7",
        text: "Congestion control by transport-wide feedback. *feedback*: a message about the last 40 packets comes in as bytes, is \
               joined with what was sent and given to the controller; ns a message. *packet*: a packet leaves, numbered \
               and remembered, and without being remembered beside it; ns a packet. `interceptor` 0.17 has no congestion control.",
    },
    Scenario {
        id: "S8",
        text: "Many connections, each with a chain of its own and one stream each way; *streams* is their number, and each has 100 packets a \
               second, the connections in turn. *send* and *receive*: through statistics, reports, NACK with its history and RTX, as far as a \
               contender has them; *empty*: through a chain of none. Payloads are shared by all: what is cold when a connection's turn comes \
               is its own state, and no payload; ns a packet. *idle*: what the chain and the two streams of a connection keep on the heap before the \
               first packet, in allocations and bytes; ns to make them. `interceptor` 0.17 goes up to 1000 connections, all on one runtime: \
               beyond, its histories take gigabytes.",
    },
    Scenario {
        id: "jitter",
        text: "Packets come in order and in time to a jitter buffer of 60 ms, and leave it when they are due, one a timer; ns a packet with its \
               release. With one stream 240 wait; with 100, two or three each.",
    },
    Scenario {
        id: "fec",
        text: "FlexFEC as browsers speak it. *encode*: packets leave, and with each block of ten or twenty its repair packets, interleaved; \
               *decode*: blocks come in, whole or with one packet less, which comes back. ns a packet of media.",
    },
    Scenario {
        id: "adapters",
        text: "Our chain as one interceptor of another stack, driven as that stack drives its own: packets are the stack's, converted \
               to ours and back. RTX, NACK and reports, beside the interceptors for NACK and reports that the stack registers by default \
               and beside no interceptor at all. No loss. *send*: the application's packets; *receive*: packets with one header \
               extension. ns a packet.",
    },
    Scenario {
        id: "K",
        text: "A packet of VP8 passes through a chain of one interceptor that asks for key frames, and looks for one in it, each direction; beside a chain of \
               none, and of one that only counts. ns a packet.",
    },
    Scenario {
        id: "stamps",
        text: "A header extension of three bytes (the time of sending) is written as a packet leaves: *in place* of zeros that were \
               reserved, *growing* a packet without header extensions, or *beside another* one. *packet*: by a call of the packet's own; \
               *chain*: through a chain of the interceptors named. ns a packet.",
    },
    Scenario {
        id: "streams",
        text: "Beside the media. *packet, limited*: a packet leaves through a chain of one interceptor, as in S5; with bounds of packets and \
                   bytes that it keeps to, or at twice its rate, so that half waits and half finds no room; ns a packet. *packet, paced*: the same with a pacer, whose pace nothing has to wait for, \
                   or all. *bucket*: tokens taken, granted or denied, by a count of nanoseconds or an `Instant`; ns a \
               take. *compiled*, *request* and *run time*: stacks of 1, 2, 4 and 8 interceptors, each with a way in and a way out, \
               beside the same as layers of tower and as a chain of `async-trait` objects with a `Next`; nothing waits. *run time* is put \
               together while the program runs; the others the compiler knows whole. In *compiled* and *run time* they change a number: \
               what is compiled comes down to the same few operations as by hand, for everybody, so that row is about them and not about \
               who calls them. In *request* they change fields of a struct of 152 bytes, which field the compiler does not know, and may \
               fail with a `String`: ours lend it, tower moves it, or a box of it that has to be allocated. *slope* is one \
               more interceptor (least squares in each round), *intercept* all else; ns an execution. *gRPC*: messages of 200 bytes from \
               tonic's client to its server over loopback, both in this thread: *pull* and *push* in a call of 1024, ns a message, and \
               *unary*, ns a call; the layer is around the server. *gRPC bodies* are the same messages in frames of 16 KiB through the \
               bodies of a call alone, 1024 a call, ns a message: what the layer itself takes.",
    },
];
