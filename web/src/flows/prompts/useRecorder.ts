import { useEffect, useRef, useState } from "react";
import { closeStream, openMicrophone } from "../../phone/microphone";
import { decodeToWav } from "./wav";

/** Records from the microphone until `stop`, or for `longest` seconds. */
export function useRecorder(longest: number, onRecorded: (sound: Blob) => void) {
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [trouble, setTrouble] = useState("");
  const recorder = useRef<MediaRecorder | null>(null);
  const timer = useRef(0);
  // Whoever leaves the page leaves no microphone open.
  useEffect(() => () => finish(recorder.current, timer.current), []);

  async function start() {
    setTrouble("");
    try {
      const opened = await openMicrophone("");
      const pieces: Blob[] = [];
      const made = (recorder.current = new MediaRecorder(opened));
      made.ondataavailable = ({ data }) => pieces.push(data);
      made.onstop = () => {
        closeStream(opened);
        setStream(null);
        decodeToWav(new Blob(pieces, { type: made.mimeType })).then(onRecorded, () => setTrouble("microphone_busy"));
      };
      made.start();
      timer.current = window.setTimeout(() => finish(made, 0), longest * 1000);
      setStream(opened);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : "microphone_busy");
    }
  }
  return { stream, trouble, start, stop: () => finish(recorder.current, timer.current) };
}

function finish(recorder: MediaRecorder | null, timer: number) {
  window.clearTimeout(timer);
  if (recorder?.state === "recording") recorder.stop();
}
