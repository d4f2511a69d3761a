// Flows larger than anybody draws, for tests of weight.

/** A flow of `count` nodes in a grid, made of copies of the three nodes and two wires of `first`. */
export function largeFlow(first, count) {
  const kinds = ["chatLocal_0", "promptTemplate_0", "llmChain_0"].map((id) => first.nodes.find((one) => one.id === id));
  const nodes = Array.from({ length: count }, (_, at) => {
    const kind = kinds[at % 3];
    const id = `${kind.data.name}_${Math.floor(at / 3)}`;
    const own = JSON.parse(JSON.stringify(kind).replaceAll(kind.id, id));
    return { ...own, position: { x: (at % 20) * 320, y: Math.floor(at / 20) * 260 } };
  });
  const present = new Set(nodes.map((node) => node.id));
  const copies = Array.from({ length: Math.floor(count / 3) }, (_, at) => JSON.parse(JSON.stringify(first.edges).replaceAll("_0", `_${at}`)));
  return { nodes, edges: copies.flat().filter((edge) => present.has(edge.source) && present.has(edge.target)) };
}
