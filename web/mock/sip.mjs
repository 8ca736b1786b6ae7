/** Just enough SIP over WebSocket for JsSIP to register, be called and call; no media flows. */
const FINGERPRINT = Array.from({ length: 32 }, (_, i) => (i * 7 + 16).toString(16).toUpperCase().padStart(2, "0")).join(":");
const sdp = (setup) =>
  ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=mock", "c=IN IP4 127.0.0.1", "t=0 0", "a=group:BUNDLE 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 101", "a=mid:0", "a=rtpmap:111 opus/48000/2", "a=rtpmap:101 telephone-event/8000",
    "a=ice-ufrag:mock", "a=ice-pwd:mockmockmockmockmockmock", `a=fingerprint:sha-256 ${FINGERPRINT}`, `a=setup:${setup}`,
    "a=sendrecv", "a=rtcp-mux", "a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host", ""].join("\r\n");

const header = (text, name) => text.match(new RegExp(`^${name}: *(.*)$`, "im"))?.[1]?.trim() ?? "";
const headers = (text, name) => [...text.matchAll(new RegExp(`^${name}: *(.*)$`, "gim"))].map((m) => m[1].trim());

export class SipPeer {
  constructor(socket, hooks) {
    this.socket = socket;
    this.hooks = hooks;
    this.contact = "";
    this.leg = null;
    socket.on("message", (data) => this.hear(String(data)));
    socket.on("close", () => hooks.gone(this));
  }

  hear(text) {
    const first = text.split("\r\n", 1)[0];
    if (first.startsWith("SIP/2.0")) return this.answered(Number(first.split(" ")[1]), text);
    const method = first.split(" ")[0];
    if (method === "REGISTER") {
      this.contact = header(text, "Contact").match(/<([^>]+)>/)?.[1] ?? "";
      this.reply(text, 200, "OK", `Contact: <${this.contact}>;expires=120`);
      if (!/expires: *0/i.test(text)) this.hooks.registered(this);
    } else if (method === "INVITE") {
      const again = /;tag=/.test(header(text, "To"));
      // A later offer must not change who began the DTLS handshake.
      const plain = sdp(again && this.leg?.rung ? "passive" : "active");
      const body = /a=sendonly/.test(text) ? plain.replace("a=sendrecv", "a=recvonly") : plain;
      this.reply(text, 200, "OK", "Contact: <sip:mock@127.0.0.1;transport=ws>\r\nContent-Type: application/sdp", body);
      if (!again) this.leg = { callId: header(text, "Call-ID"), from: `${header(text, "To")};tag=mock`, to: header(text, "From"), uri: header(text, "Contact").match(/<([^>]+)>/)?.[1] };
    } else if (method === "BYE") {
      this.reply(text, 200, "OK");
      this.ended();
    } else if (method !== "ACK") {
      this.reply(text, 200, "OK");
    }
  }

  reply(text, code, words, more = "", body = "") {
    const to = header(text, "To");
    this.socket.send(
      [`SIP/2.0 ${code} ${words}`, ...headers(text, "Via").map((v) => `Via: ${v}`), `From: ${header(text, "From")}`,
        `To: ${/;tag=/.test(to) ? to : `${to};tag=mock`}`, `Call-ID: ${header(text, "Call-ID")}`, `CSeq: ${header(text, "CSeq")}`,
        ...(more ? [more] : []), `Content-Length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"),
    );
  }

  send(method, cseq, body = "", more = []) {
    const { callId, from, to, uri } = this.leg;
    this.socket.send(
      [`${method} ${uri} SIP/2.0`, `Via: SIP/2.0/WS mock.invalid;branch=z9hG4bK${Math.random().toString(36).slice(2)}`, "Max-Forwards: 70",
        `From: ${from}`, `To: ${to}`, `Call-ID: ${callId}`, `CSeq: ${cseq} ${method}`, "Contact: <sip:mock@127.0.0.1;transport=ws>",
        ...more, ...(body ? ["Content-Type: application/sdp"] : []), `Content-Length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"),
    );
  }

  ring(number, more = []) {
    const callId = Math.random().toString(36).slice(2);
    this.leg = { rung: true, callId, from: `<sip:${number}@127.0.0.1>;tag=mock`, to: `<${this.contact}>`, uri: this.contact };
    this.send("INVITE", 1, sdp("actpass"), more);
  }

  answered(code, text) {
    if (!/INVITE/i.test(header(text, "CSeq")) || !this.leg || code < 200) return;
    this.leg.to = header(text, "To");
    this.send("ACK", 1);
    if (code === 200) this.hooks.answered(this);
    else this.ended();
  }

  hangUp() {
    if (!this.leg) return;
    this.send("BYE", 2);
    this.ended();
  }

  ended() {
    this.leg = null;
    this.hooks.ended(this);
  }
}
