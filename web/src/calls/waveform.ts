/** Peaks as bars that fit the width: the loudest of each group, so that no word disappears. */
export function bars(peaks: number[], count: number): number[] {
  if (peaks.length === 0 || count <= 0) return [];
  const size = peaks.length / Math.min(count, peaks.length);
  return Array.from({ length: Math.min(count, peaks.length) }, (_, i) => {
    let most = 0;
    for (let k = Math.floor(i * size); k < Math.floor((i + 1) * size); k++) {
      most = Math.max(most, Math.min(1, Math.abs(peaks[k] ?? 0)));
    }
    return most;
  });
}

const STEP = 4;
const BAR = 2.5;

/** Draws the bars; what has been played is dark. `played` is 0 to 1. */
export function draw(canvas: HTMLCanvasElement, peaks: number[], played: number): void {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const values = bars(peaks, Math.floor(width / STEP));
  const gap = width / Math.max(1, values.length);
  values.forEach((value, i) => {
    const tall = Math.max(2, value * (height - 6));
    context.fillStyle = (i + 0.5) / values.length <= played ? "#134a8c" : "#a9b8ca";
    context.beginPath();
    context.roundRect(i * gap, (height - tall) / 2, BAR, tall, 1.2);
    context.fill();
  });
}
