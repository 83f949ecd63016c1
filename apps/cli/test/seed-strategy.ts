/** The strategy of the predecessor's documentation, word for word. */

export const DEATH_CROSS = `name: test_death_cross_strategy
version: "1.0.0"
author: test
description: Test strategy for death cross signals

dependencies:
  signals:
    - signals.ma_crossover

parameters:
  stop_loss: 0.02
  take_profit: 0.04
  position_size: 0.02

entry:
  when:
    - signal: ma_crossover
      outputs:
        crossover_type: death_cross  # Match the signal we have
  action: sell  # Short on death cross
  size: 0.02

exit:
  # Exit on opposite signal
  signal_exit:
    when:
      - signal: ma_crossover
        outputs:
          crossover_type: golden_cross
    action: close_all

  # Risk-based exits
  stop_loss:
    type: percentage
    value: 0.02  # 2% stop loss

  take_profit:
    type: percentage
    value: 0.04  # 4% take profit

risk:
  max_drawdown: 0.15
  max_position_size: 0.1
`;
