// Looking at one kept run on the canvas: read, followed while it goes on, decided where it waits.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { FlowEvent } from "~/api/sse";
import { startedRun } from "./node-runs";
import { type OpenDecision, runLayer } from "./run-store";
import { type Execution, executionQuery, followExecution } from "./runs-api";
import { runOfExecution } from "./turns";
import { useDecision } from "./use-decision";

const heard = (event: FlowEvent) => runLayer.shownEvents([event]);

export interface ShownRun {
  query: { data: Execution | undefined; isError: boolean; error: unknown; refetch: () => unknown };
  decision: OpenDecision | undefined;
}

/** Shows run `id` at the nodes while this is drawn; `onTaken` hears when the chat begins another. Hand in a stable `onTaken`. */
export function useShownRun(id: string, onTaken: () => void): ShownRun {
  const client = useQueryClient();
  const query = useQuery(executionQuery(id, "internal"));
  const { data } = query;
  const own = useDecision(data, heard);
  const decision = useMemo(
    (): OpenDecision | undefined =>
      own && {
        ...own,
        // Where the chat asks the same, its conversation goes on too.
        decide: (approved, feedback) => ((data && runLayer.chatDecision(data.sessionId)) ?? own).decide(approved, feedback),
      },
    [own, data],
  );
  const live = data?.state === "INPROGRESS";
  const [hearing, setHearing] = useState(false);

  useEffect(() => {
    if (!live) return;
    const controller = new AbortController();
    let begun = false;
    const onEvent = (event: FlowEvent) => {
      if (!begun && data) {
        begun = true;
        setHearing(true);
        // A run again tells only what is new in it.
        runLayer.show(data.rerunOf ? { ...runOfExecution(data), status: "running" } : { ...startedRun(data.agentflowId, data.sessionId), executionId: id }, undefined, onTaken);
      }
      heard(event);
    };
    followExecution(id, controller.signal, onEvent)
      // The list and the run itself are read again now and then anyway.
      .catch(() => undefined)
      .finally(() => {
        if (controller.signal.aborted) return;
        void client.invalidateQueries({ queryKey: ["execution", "internal", id] });
        void client.invalidateQueries({ queryKey: ["executions"] });
      });
    return () => {
      controller.abort();
      setHearing(false);
    };
    // oxlint-disable-next-line react/exhaustive-deps -- followed once; what it was when it began is what its events build on
  }, [id, live, client, onTaken]);

  useEffect(() => {
    if (data && !(live && hearing)) runLayer.show(runOfExecution(data), decision, onTaken);
  }, [data, live, hearing, decision, onTaken]);
  useEffect(() => runLayer.hide, [id]);
  return { query, decision };
}
