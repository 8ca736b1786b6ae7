import { type KeyboardEvent, type MouseEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Cell, type Fill, fills, paint, rectangle, step, type Stretch } from "./grid";

interface Options {
  stretches: Stretch[];
  onPaint: (stretches: Stretch[]) => void;
  /** Whether days are drawn downwards, with their hours across. */
  daysDown: boolean;
}

/** One stroke: what was there before, where it began, and what it makes of the cells it covers. */
interface Stroke {
  before: Stretch[];
  anchor: Cell;
  on: boolean;
}

export interface Painting {
  shown: Fill[][];
  /** The one cell that Tab leads to. */
  active: Cell;
  handlers: {
    onPointerDown: (event: PointerEvent) => void;
    onPointerOver: (event: PointerEvent) => void;
    onClick: (event: MouseEvent) => void;
    onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** Painting on a grid whose cells have `data-cell="day-slot"`: by mouse, by touch and by keyboard. */
export function usePainting({ stretches, onPaint, daysDown }: Options): Painting {
  const [active, setActive] = useState<Cell>({ day: 0, slot: 16 });
  const dragged = useRef<Stroke | null>(null);
  const extended = useRef<Stroke | null>(null);
  /** A mouse has painted by the time it clicks. */
  const byMouse = useRef(false);
  const shown = fills(stretches);

  useEffect(() => {
    const release = () => (dragged.current = null);
    window.addEventListener("pointerup", release);
    window.addEventListener("pointercancel", release);
    return () => {
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
    };
  }, []);

  const isOn = ({ day, slot }: Cell) => shown[day]?.[slot] === "on";
  const begin = (anchor: Cell, on: boolean): Stroke => ({ before: stretches, anchor, on });
  const draw = ({ before, anchor, on }: Stroke, to: Cell) => onPaint(paint(before, rectangle(anchor, to), on));

  function toggle(cell: Cell) {
    extended.current = null;
    setActive(cell);
    draw(begin(cell, !isOn(cell)), cell);
  }

  function onPointerDown(event: PointerEvent) {
    const cell = cellAt(event.target);
    // A finger scrolls the page; where it only taps, the click toggles.
    byMouse.current = event.pointerType !== "touch";
    if (cell === null || !byMouse.current || event.button !== 0) return;
    dragged.current = begin(cell, !isOn(cell));
    toggle(cell);
  }

  function onPointerOver(event: PointerEvent) {
    const cell = cellAt(event.target);
    if (event.buttons === 0) dragged.current = null;
    if (dragged.current === null || cell === null) return;
    setActive(cell);
    draw(dragged.current, cell);
  }

  function onClick(event: MouseEvent) {
    const cell = cellAt(event.target);
    if (cell !== null && !byMouse.current) toggle(cell);
    byMouse.current = false;
  }

  function onKeyDown(event: KeyboardEvent) {
    const at = cellAt(event.target) ?? active;
    if (event.key === " ") {
      event.preventDefault();
      toggle(at);
      return;
    }
    const to = step(event.key, at, daysDown);
    if (to === null) return;
    event.preventDefault();
    if (event.shiftKey) {
      extended.current ??= begin(at, isOn(at));
      draw(extended.current, to);
    } else {
      extended.current = null;
    }
    setActive(to);
    event.currentTarget.querySelector<HTMLElement>(`[data-cell="${to.day}-${to.slot}"]`)?.focus();
  }

  return { shown, active, handlers: { onPointerDown, onPointerOver, onClick, onKeyDown } };
}

function cellAt(target: EventTarget): Cell | null {
  const name = target instanceof Element ? target.closest<HTMLElement>("[data-cell]")?.dataset.cell : undefined;
  const [day, slot] = name?.split("-").map(Number) ?? [];
  return day === undefined || slot === undefined ? null : { day, slot };
}
