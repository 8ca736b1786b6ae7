/** Plays what the other side says, on the chosen device; `onBlocked` hears whether the browser lets it sound. */
export class Earpiece {
  private readonly audio = new Audio();
  private device = "";

  constructor(private readonly onBlocked: (blocked: boolean) => void) {
    this.audio.autoplay = true;
  }

  /** "" is the system's default. A device that is gone leaves the sound where it is. */
  async use(device: string): Promise<void> {
    this.device = device;
    await this.audio.setSinkId?.(device).catch(() => undefined);
  }

  hear(stream: MediaStream): void {
    this.audio.srcObject = stream;
    void this.use(this.device);
    this.play();
  }

  silence(): void {
    this.audio.srcObject = null;
  }

  play(): void {
    this.audio.play().then(
      () => this.onBlocked(false),
      (error: unknown) => error instanceof DOMException && error.name === "NotAllowedError" && this.onBlocked(true),
    );
  }
}
