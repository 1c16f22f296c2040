import { createCoinRun, createCorridor } from '@saccade/envs';
import { describeEnvironment } from '../contracts/environment.ts';

describeEnvironment('corridor', () => createCorridor());
describeEnvironment('easy coinrun', () => createCoinRun());
describeEnvironment('hard coinrun with every option', () =>
  createCoinRun({
    difficulty: 'hard',
    actions: 'procgen',
    viewCells: 13,
    velocitySquares: false,
    coinAnywhere: 0.5,
    continueAfterCoin: true,
    invisible: ['saw', 'lava'],
    hazards: { lava: 2, saw: 1, enemy: 3 },
    endWall: false,
    timeLimit: 40,
  }),
);
describeEnvironment('coinrun seen as a whole level', () => createCoinRun({ view: 'level', timeLimit: 30 }));
