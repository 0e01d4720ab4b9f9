/* `rectify roots`: one function a verb; argv[0] is the verb. */
#pragma once

int roots_mirror_verb(int argc, char **argv);
