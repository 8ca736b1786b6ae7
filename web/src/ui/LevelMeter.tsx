import { useEffect, useRef } from "react";
import { levelMeter } from "../phone/microphone";
import "./level.css";

/** A thin bar that moves with the voice; it draws by itself, without rendering the page again. */
export function LevelMeter({ stream, label }: { stream: MediaStream | null; label: string }) {
  const bar = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const element = bar.current;
    if (!stream || !element) return;
    const meter = levelMeter(stream);
    let frame = 0;
    let shown = 0;
    const draw = () => {
      // Up at once, down slowly: so that an eye can follow.
      shown = Math.max(meter.level(), shown * 0.92);
      element.style.transform = `scaleX(${shown.toFixed(3)})`;
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      meter.close();
      // What is heard no more, such as a microphone that was muted, leaves no bar behind.
      element.style.transform = "";
    };
  }, [stream]);

  return (
    <span className="level" role="img" aria-label={label} title={label}>
      <span className="level-bar" ref={bar} />
    </span>
  );
}
