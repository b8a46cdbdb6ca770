"""Plays a capture through a rtpjitterbuffer and prints its `stats`: capture, port, caps, latency in milliseconds."""

import ctypes
import sys

gst = ctypes.CDLL("libgstreamer-1.0.so.0")
gobject = ctypes.CDLL("libgobject-2.0.so.0")
pointer = ctypes.c_void_p
for name in ["gst_parse_launch", "gst_element_get_bus", "gst_bin_get_by_name", "gst_bus_timed_pop_filtered"]:
    getattr(gst, name).restype = pointer
gst.gst_structure_to_string.restype = ctypes.c_char_p
gst.gst_structure_to_string.argtypes = [pointer]

EOS, ERROR, PLAYING, NULL = 1, 2, 4, 1
capture, port, caps, latency = sys.argv[1:]
gst.gst_init(None, None)
pipeline = pointer(gst.gst_parse_launch(
    f'filesrc location="{capture}" ! pcapparse dst-port={port} caps="{caps}" ! identity sync=true '
    f"! rtpjitterbuffer name=buffer latency={latency} ! fakesink sync=false async=false".encode(), None))
buffer = pointer(gst.gst_bin_get_by_name(pipeline, b"buffer"))
gst.gst_element_set_state(pipeline, PLAYING)
bus = pointer(gst.gst_element_get_bus(pipeline))
gst.gst_bus_timed_pop_filtered(bus, ctypes.c_uint64(60 * 10**9), EOS | ERROR)
stats = pointer()
gobject.g_object_get(buffer, b"stats", ctypes.byref(stats), None)
print(gst.gst_structure_to_string(stats).decode())
gst.gst_element_set_state(pipeline, NULL)
