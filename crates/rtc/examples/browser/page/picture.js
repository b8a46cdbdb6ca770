// What is sent: the camera, or where there is none a drawn picture that shows by its hand and its clock how smoothly and how late it
// comes back, with a soft tone.

const WIDTH = 640, HEIGHT = 360, FRAMES_A_SECOND = 30;

/** The camera, and the microphone if there is one; fails if there is no camera or the user says no. */
export const camera = async () => {
  const video = { width: WIDTH, height: HEIGHT, frameRate: FRAMES_A_SECOND };
  const film = (audio) => navigator.mediaDevices.getUserMedia({ video, audio });
  return film(true).catch((error) => {
    if (error.name !== 'NotFoundError') throw error;
    return film(false);
  });
};

/** A stream that needs nobody's leave. */
export const drawn = () => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext('2d');
  const start = performance.now();
  const paint = () => draw(context, (performance.now() - start) / 1000);
  paint();
  // Not by animation frames: a tab in the background has none, and its call goes on.
  const timer = setInterval(paint, 1000 / FRAMES_A_SECOND);
  const [video] = canvas.captureStream().getVideoTracks();
  const { track: audio, stop } = tone();
  video.addEventListener('ended', () => clearInterval(timer));
  return Object.assign(new MediaStream([video, audio]), { end: () => { clearInterval(timer); stop(); } });
};

const draw = (context, time) => {
  const sky = context.createLinearGradient(0, 0, WIDTH, HEIGHT);
  const hue = 205 + 25 * Math.sin(time / 7);
  sky.addColorStop(0, `hsl(${hue} 55% 22%)`);
  sky.addColorStop(1, `hsl(${hue + 50} 50% 42%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, WIDTH, HEIGHT);

  for (let wave = 0; wave < 3; wave++) {
    context.beginPath();
    context.moveTo(0, HEIGHT);
    for (let x = 0; x <= WIDTH; x += 8) {
      const phase = x / (90 - 12 * wave) + time * (0.9 + 0.35 * wave) + wave * 2;
      context.lineTo(x, 250 + 28 * wave + 16 * Math.sin(phase) + 7 * Math.sin(phase * 2.3));
    }
    context.lineTo(WIDTH, HEIGHT);
    context.fillStyle = `hsl(${hue + 20 - 18 * wave} 60% ${30 - 6 * wave}% / .75)`;
    context.fill();
  }

  // Twelve marks, and a hand that takes two seconds: who stands still is seen at once.
  const [x, y, radius] = [WIDTH / 2, 150, 96];
  context.lineCap = 'round';
  for (let mark = 0; mark < 12; mark++) {
    const angle = mark * Math.PI / 6, inner = radius - (mark % 3 ? 8 : 15);
    line(context, x + inner * Math.cos(angle), y + inner * Math.sin(angle), x + radius * Math.cos(angle), y + radius * Math.sin(angle), 'rgb(255 255 255 / .8)', 3);
  }
  const angle = time * Math.PI - Math.PI / 2;
  line(context, x, y, x + (radius - 24) * Math.cos(angle), y + (radius - 24) * Math.sin(angle), '#ffd166', 6);
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fillStyle = '#ffd166';
  context.fill();

  context.font = '600 34px system-ui, sans-serif';
  context.textAlign = 'center';
  context.fillStyle = '#fff';
  context.fillText(time.toFixed(1).padStart(5, '0'), x, HEIGHT - 34);
};

const line = (context, x0, y0, x1, y1, colour, width) => {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  [context.strokeStyle, context.lineWidth] = [colour, width];
  context.stroke();
};

/** A soft fifth that swells and falls. A browser lets a page make sound once somebody has touched it; until then none is sent. */
const tone = () => {
  const audio = new AudioContext();
  const out = audio.createMediaStreamDestination();
  const volume = new GainNode(audio, { gain: 0.05 });
  const swell = new OscillatorNode(audio, { frequency: 0.5 });
  swell.connect(new GainNode(audio, { gain: 0.03 })).connect(volume.gain);
  const notes = [220, 330].map((frequency) => new OscillatorNode(audio, { frequency }));
  notes.forEach((note) => note.connect(volume));
  volume.connect(out);
  const touched = new AbortController();
  const sound = () => {
    touched.abort();
    [swell, ...notes].forEach((source) => source.start());
    audio.resume();
  };
  if (navigator.userActivation?.hasBeenActive) sound();
  else for (const touch of ['pointerdown', 'keydown']) addEventListener(touch, sound, { signal: touched.signal });
  return { track: out.stream.getAudioTracks()[0], stop: () => { touched.abort(); audio.close(); } };
};
