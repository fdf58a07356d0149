-- SPDX-License-Identifier: Apache-2.0
-- The least that a queue of two hops needs: what a filing has, an order, and who claimed it.
-- No index by number, and none that would notice a filing sent twice: the peer is spared it.
CREATE TABLE intake (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number bigint NOT NULL,
  terminal integer NOT NULL,
  counter bigint NOT NULL,
  village text NOT NULL,
  category integer NOT NULL,
  department integer NOT NULL,
  text text NOT NULL
);
CREATE TABLE queue (LIKE intake INCLUDING IDENTITY, desk integer);
CREATE INDEX queue_waiting ON queue (department, id) WHERE desk IS NULL;
