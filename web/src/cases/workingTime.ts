const HOUR = 60;

/** Working time in whole hours and minutes; days would need to say how long one is. */
export function hoursAndMinutes(minutes: number): { hours: number; minutes: number } {
  const whole = Math.abs(Math.round(minutes));
  return { hours: Math.floor(whole / HOUR), minutes: whole % HOUR };
}
