// Tells the components of Radix which way the language runs.
import { Direction } from "radix-ui";
import type { ReactNode } from "react";
import { useLanguage } from "~/i18n/language";

export function DirectionProvider({ children }: { children: ReactNode }) {
  const direction = useLanguage((state) => state.direction);
  return <Direction.Provider dir={direction}>{children}</Direction.Provider>;
}
