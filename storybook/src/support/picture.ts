/** Pictures for calls: a canvas that paints softly moving light, since stories have no cameras. */

/** A video stream of moving light. @param hue 0 to 359 */
export function movingLight(hue: number): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = 360;
  canvas.height = 600;
  const context = canvas.getContext('2d');
  let turn = 0;
  const paint = (): void => {
    if (!context) return;
    turn += 0.02;
    const wall = context.createLinearGradient(0, 0, 360, 600);
    wall.addColorStop(0, `oklch(0.78 0.06 ${String(hue)})`);
    wall.addColorStop(1, `oklch(0.42 0.07 ${String(hue + 50)})`);
    context.fillStyle = wall;
    context.fillRect(0, 0, 360, 600);
    context.fillStyle = `oklch(0.5 0.06 ${String(hue + 20)})`;
    context.beginPath();
    context.ellipse(180 + Math.sin(turn) * 6, 620, 170, 230, 0, 0, Math.PI * 2);
    context.fill();
    context.fillStyle = `oklch(0.8 0.06 ${String(hue - 10)})`;
    context.beginPath();
    context.ellipse(180 + Math.sin(turn) * 8, 300, 78, 98, 0, 0, Math.PI * 2);
    context.fill();
  };
  paint();
  const clock = setInterval(() => {
    if (document.hidden) return;
    paint();
  }, 100);
  const stream = canvas.captureStream(10);
  stream.getVideoTracks()[0]?.addEventListener('ended', () => {
    clearInterval(clock);
  });
  return stream;
}
