// The chat panel, which loads beside the canvas rather than before it.
import { lazy, Suspense } from "react";
import { Skeleton } from "~/ui/states";
import type { ChatPanelProps } from "./view/chat-panel";

const Panel = lazy(() => import("./view/chat-panel").then((module) => ({ default: module.ChatPanel })));

/** Give it a `key` of the flow's id: a chat belongs to one flow. */
export function ChatPanel(props: ChatPanelProps) {
  return (
    <Suspense fallback={<Waiting />}>
      <Panel {...props} />
    </Suspense>
  );
}

/** As tall as the panel will be, so that nothing jumps. */
function Waiting() {
  return (
    <div className="flex h-full flex-col bg-surface">
      <div className="h-12 shrink-0 border-b border-line" />
      <div className="flex-1" />
      <div className="border-t border-line p-4">
        <Skeleton className="h-12 rounded-xl" />
      </div>
    </div>
  );
}
