#include "engine/workers.h"

#include <pthread.h>
#include <stdbool.h>

enum { WORKERS_MAX = 64 };

struct queue {
    pthread_mutex_t lock;
    size_t next, count;
    void (*work)(void *context, size_t item);
    void *context;
};

static void *run(void *arg)
{
    struct queue *q = arg;
    for (;;) {
        pthread_mutex_lock(&q->lock);
        size_t item = q->next;
        q->next += item < q->count;
        pthread_mutex_unlock(&q->lock);
        if (item >= q->count)
            return NULL;
        q->work(q->context, item);
    }
}

void workers_run(unsigned jobs, size_t count, void (*work)(void *context, size_t item),
                 void *context)
{
    struct queue q = {.count = count, .work = work, .context = context};
    pthread_t threads[WORKERS_MAX];
    unsigned started = 0;
    if (pthread_mutex_init(&q.lock, NULL) != 0) {
        for (size_t i = 0; i < count; i++)
            work(context, i);
        return;
    }
    while (started + 1 < jobs && started < WORKERS_MAX && started + 1 < count &&
           pthread_create(&threads[started], NULL, run, &q) == 0)
        started++;
    (void)run(&q);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&q.lock);
}
