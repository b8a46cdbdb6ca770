#!/bin/sh
# Makes testcard.ivf and arpeggio.opus again. Needs ffmpeg with libvpx and libopus; see README.md.
set -eu
cd "$(dirname "$0")"
bits="-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1"

# 150 frames of ffmpeg's own moving test card. One key frame, then no alternate references, so that every
# frame is shown and frame n is n/30 s after the first.
# shellcheck disable=SC2086
ffmpeg -nostdin -v error -y -f lavfi -i "testsrc2=size=320x180:rate=30:duration=5" \
  -c:v libvpx -pix_fmt yuv420p -b:v 340k -minrate 340k -maxrate 340k -bufsize 170k -g 150 \
  -deadline best -cpu-used 0 -threads 1 -auto-alt-ref 0 -lag-in-frames 0 -error-resilient 1 \
  $bits testcard.ivf

# A plucked arpeggio (Am, F, C, G; eight notes a second) over a soft bass, written as a formula.
chord='floor(mod(t*0.8,4))'
root="110*pow(2,(if(eq($chord,0),0,if(eq($chord,1),-4,if(eq($chord,2),3,-2))))/12)"
step='mod(floor(t*8),4)'
third="if(eq($chord,0),3,4)"
note="$root*2*pow(2,(if(eq($step,0),0,if(eq($step,1),$third,if(eq($step,2),7,12))))/12)"
age='mod(t,0.125)'
pluck="0.35*exp(-14*$age)*(1-exp(-400*$age))*(sin(2*PI*$note*$age)+0.4*sin(4*PI*$note*$age)+0.2*sin(6*PI*$note*$age))"
bass="0.18*sin(2*PI*$root*mod(t,1.25))*min(1,20*mod(t,1.25))*exp(-0.8*mod(t,1.25))"
# shellcheck disable=SC2086
ffmpeg -nostdin -v error -y -f lavfi -i "aevalsrc='$pluck+$bass|$pluck*0.8+$bass':s=48000:d=5" \
  -c:a libopus -b:a 40k -vbr constrained -application audio -frame_duration 20 \
  $bits arpeggio.opus
