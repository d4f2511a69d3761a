// A short sound when something is sent or comes, for pages that want one.

/** Plays the file at `address`, or a tone of `pitch` hertz where there is none; a browser that refuses stays quiet. */
export function playSound(address: string | undefined, pitch: number): void {
  if (address) {
    void new Audio(address).play().catch(() => undefined);
    return;
  }
  try {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: pitch });
    const volume = new GainNode(context, { gain: 0.06 });
    volume.gain.exponentialRampToValueAtTime(0.000_1, context.currentTime + 0.15);
    tone.connect(volume).connect(context.destination);
    tone.addEventListener("ended", () => void context.close());
    tone.start();
    tone.stop(context.currentTime + 0.16);
  } catch {
    // Sound is a nicety.
  }
}
