// The runs under the canvas, which load when they are first opened.
import "./texts";
import { lazy, Suspense } from "react";
import { Skeleton } from "~/ui/states";
import type { CanvasRunsProps } from "./view/canvas-runs";

const Panel = lazy(() => import("./view/canvas-runs").then((module) => ({ default: module.CanvasRuns })));

export function CanvasRuns(props: CanvasRunsProps) {
  return (
    <Suspense fallback={<Skeleton className="h-[46%] min-h-64 shrink-0 rounded-none" />}>
      <Panel {...props} />
    </Suspense>
  );
}
