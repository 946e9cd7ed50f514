#ifndef STDIO_H
#define STDIO_H

#define EOF (-1)

typedef struct stub_file FILE;
extern FILE *const stdin;
extern FILE *const stdout;

int fputs(const char *text, FILE *file);
int fflush(FILE *file);
void clearerr(FILE *file);
int getchar(void);

#endif
