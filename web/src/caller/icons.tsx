const HANDSET =
  "M6.6 2.8c.6-.2 1.300.1 1.600.7l1.500 3.100c.2.500.1 1.100-.3 1.500L7.900 9.500a12 12 0 0 0 6.600 6.600l1.400-1.500c.4-.4 1-.5 1.500-.3l3.100 1.500c.6.3.9 1 .7 1.600l-.7 2.500c-.2.7-.8 1.200-1.500 1.100C9.900 20.700 3.300 14.100 3 5c0-.7.400-1.300 1.100-1.500z";

export function HandsetIcon({ down = false }: { down?: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" className={down ? "handset-down" : undefined}>
      <path d={HANDSET} fill="currentColor" />
    </svg>
  );
}

export function MicIcon({ off }: { off: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.8">
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3" strokeLinecap="round" />
      {off && <path d="M4 4l16 16" strokeLinecap="round" />}
    </svg>
  );
}
