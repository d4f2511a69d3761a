// A handler that stays the same function while what it does changes: for those who compare their handlers.
import { useCallback, useLayoutEffect, useRef } from "react";

/** For events only, never while drawing: until the page stands, it does what it did before. */
export function useSteady<Inputs extends unknown[], Output>(act: (...inputs: Inputs) => Output): (...inputs: Inputs) => Output {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  return useCallback((...inputs: Inputs) => latest.current(...inputs), []);
}
